// How the last export, opening or choice of an adapter went, said where it was asked for.
import { create } from "zustand";
import { useLab } from "../../../studio/stores/labStore";
import { Notice } from "../../Notice";
import classes from "./TransferOutcome.module.css";

type Place = "results" | "cells" | "experiments";

/** Where on the page the last one was asked for. */
export const useTransferPlace = create<{ readonly place?: Place }>(() => ({}));

export function TransferOutcome({ place }: { readonly place: Place }) {
  const isHere = useTransferPlace((last) => last.place === place);
  const { busy, message, problem } = useLab((lab) => lab.transfer);
  if (!isHere) return null;
  if (problem)
    return (
      <div className={classes.outcome}>
        <Notice kind="error">{problem.message}</Notice>
      </div>
    );
  return <p className={classes.outcome}>{busy ? "Working…" : message}</p>;
}
