// The adapted linear layer in jax-js, as one jitted function of its own vjp.
import { blockUntilReady, defaultDevice, init, jit, numpy as np, vjp } from "@jax-js/jax";
import type { Contestant } from "../contest";
import { type LinearInputs, type LinearSize, SCALING } from "../inputs";

/** @throws when jax-js finds no WebGPU */
export async function openJax(): Promise<void> {
  const devices = await init("webgpu");
  if (!devices.includes("webgpu")) throw new Error("jax-js: expected its webgpu backend, got none");
  defaultDevice("webgpu");
}

type Layer = (x: np.Array, loraA: np.Array, loraB: np.Array) => np.Array;

export async function openJaxLinear(
  { N, inFeatures, outFeatures, rank }: LinearSize,
  inputs: LinearInputs,
  backward: boolean,
): Promise<Contestant> {
  await openJax();
  const array = (values: Float32Array<ArrayBuffer>, shape: number[]) => np.array(values, { shape });
  const x = array(inputs.x, [N, inFeatures]);
  const weight = array(inputs.weight, [outFeatures, inFeatures]);
  const loraA = array(inputs.loraA, [rank, inFeatures]);
  const loraB = array(inputs.loraB, [outFeatures, rank]);
  const dy = array(inputs.dy, [N, outFeatures]);
  const held = [x, weight, loraA, loraB, dy];
  await blockUntilReady(held);

  const layerOf =
    (W: np.Array): Layer =>
    (input, A, B) => {
      const low = np.matmul(np.matmul(input.ref, A.transpose()), B.transpose()).mul(SCALING);
      return np.matmul(input, W.transpose()).add(low);
    };
  const forward = jit((W: np.Array, ...operands: Parameters<Layer>) => [layerOf(W)(...operands)]);
  const both = jit((W: np.Array, input: np.Array, A: np.Array, B: np.Array, dOutput: np.Array) => {
    const [y, pullBack] = vjp(layerOf(W), [input, A, B]);
    const [dx, dA, dB] = pullBack(dOutput);
    pullBack.dispose();
    return [y, dx, dA, dB];
  });
  const names = backward ? ["y", "dx", "dA", "dB"] : ["y"];
  const compute = (): np.Array[] =>
    backward
      ? both(weight.ref, x.ref, loraA.ref, loraB.ref, dy.ref)
      : forward(weight.ref, x.ref, loraA.ref, loraB.ref);

  let last: np.Array[] = [];
  return {
    async results() {
      const arrays = await Promise.all(compute().map((result) => result.data()));
      return new Map(names.map((name, i) => [name, arrays[i] as Float32Array]));
    },
    run() {
      for (const result of last) result.dispose();
      last = compute();
    },
    async finish() {
      await blockUntilReady(last);
    },
    close() {
      for (const result of [...last, ...held]) result.dispose();
      last = [];
      forward.dispose();
      both.dispose();
    },
  };
}
