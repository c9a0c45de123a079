// Who we are, which GPU is at work, and the switch between light and dark.
import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useStudio } from "../../studio/stores/studioStore";
import { MoonIcon, SunIcon } from "../icons";
import { ViewLinks } from "../views/ViewLinks";
import classes from "./Header.module.css";

export function Header() {
  return (
    <header className={classes.header}>
      <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width={24} height={24} />
      <h1 className={classes.name}>LoRA Studio</h1>
      <ViewLinks />
      <p className={classes.tagline}>Your data stay on this machine.</p>
      <GpuBadge />
      <ThemeSwitch />
    </header>
  );
}

function GpuBadge() {
  const { status, info } = useStudio(({ gpu }) => gpu);
  const text = {
    starting: "Starting the GPU…",
    ready: info?.name ?? "GPU",
    missing: "No GPU",
    lost: "GPU lost",
  }[status];
  return (
    <p className={classes.gpu} data-status={status} title={text}>
      <span className={classes.gpuName}>{text}</span>
      {info?.isSoftware && status === "ready" && (
        <span className={classes.software} title="Emulated on the processor: it works, but slowly">
          software
        </span>
      )}
    </p>
  );
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const other = scheme === "light" ? "dark" : "light";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Switch to ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === "light" ? <MoonIcon /> : <SunIcon />}
    </ActionIcon>
  );
}
