import { useState } from "react";
import { expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";
import { render } from "../testing/render";
import { KeptView } from "./KeptView";

function Notes({ name }: { readonly name: string }) {
  const [text, setText] = useState("");
  return (
    <label>
      {name} <input value={text} onChange={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}

const both = (isFirst: boolean) => (
  <>
    <KeptView isActive={isFirst}>
      <Notes name="First" />
    </KeptView>
    <KeptView isActive={!isFirst}>
      <Notes name="Second" />
    </KeptView>
  </>
);

test("a view keeps what was typed, and out of view it is out of the document", async () => {
  const { container, rerender } = render(both(true));
  await userEvent.fill(page.getByLabelText("First"), "kept");
  expect(container.querySelectorAll("input")).toHaveLength(1);

  rerender(both(false));
  await expect.element(page.getByLabelText("Second")).toHaveValue("");
  expect(container.querySelectorAll("input")).toHaveLength(1);

  rerender(both(true));
  await expect.element(page.getByLabelText("First")).toHaveValue("kept");
  expect(container.querySelectorAll("input")).toHaveLength(1);
});
