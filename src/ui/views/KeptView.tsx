// A view that keeps all its state while another one is on show: what is typed, opened, zoomed and scrolled. Out of
// view it is out of the document too, so that a name never finds a control that cannot be seen.
import { Activity, type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

interface KeptViewProps {
  readonly isActive: boolean;
  readonly children: ReactNode;
}

export function KeptView({ isActive, children }: KeptViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const [host] = useState(() => document.createElement("div"));
  const [wasActive, setWasActive] = useState(isActive);
  const scrolled = useRef(0);
  if (isActive && !wasActive) setWasActive(true);
  useLayoutEffect(() => {
    if (!isActive) return;
    place.current?.append(host);
    window.scrollTo({ top: scrolled.current, behavior: "instant" });
    const onScroll = () => {
      scrolled.current = window.scrollY;
    };
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      window.removeEventListener("scroll", onScroll);
      host.remove();
    };
  }, [isActive, host]);
  // Not made before it is first looked at.
  if (!wasActive) return null;
  return (
    <div ref={place}>
      {createPortal(<Activity mode={isActive ? "visible" : "hidden"}>{children}</Activity>, host)}
    </div>
  );
}
