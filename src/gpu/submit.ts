// The one place that hands work to the queue, and so knows how often that happens.
const submissions = new WeakMap<GPUDevice, number>();

/** Records commands and submits them as one submission. */
export function submit(device: GPUDevice, record: (encoder: GPUCommandEncoder) => void): void {
  const encoder = device.createCommandEncoder();
  record(encoder);
  device.queue.submit([encoder.finish()]);
  submissions.set(device, submissionsOf(device) + 1);
}

/** Submissions to a device so far. */
export const submissionsOf = (device: GPUDevice): number => submissions.get(device) ?? 0;
