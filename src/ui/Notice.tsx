// A message that must not be missed: what went wrong and what to do, where it happened.
import type { ReactNode } from "react";
import { WarningIcon } from "./icons";
import classes from "./Notice.module.css";

interface NoticeProps {
  readonly kind: "error" | "warning";
  readonly children: ReactNode;
}

export function Notice({ kind, children }: NoticeProps) {
  return (
    <div className={classes.notice} data-kind={kind} role="alert">
      <WarningIcon />
      <div className={classes.text}>{children}</div>
    </div>
  );
}
