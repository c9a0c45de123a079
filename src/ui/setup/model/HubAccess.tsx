// Which Hub, and as whom. The token leaves this page for that address alone.
import { Checkbox, TextInput } from "@mantine/core";
import { useEffect, useId, useState } from "react";
import { useHub } from "../../../studio/stores/hubStore";
import { explanations } from "../../explanations";
import { FieldLabel } from "../Field";
import setup from "../setup.module.css";
import classes from "./model.module.css";

interface HubAccessProps {
  readonly problem: string | undefined;
  /** What was asked for needs one: the field comes into view. */
  readonly needsToken: boolean;
}

export function HubAccess({ problem, needsToken }: HubAccessProps) {
  const { endpoint, accessToken, remembersToken } = useHub();
  const { setEndpoint, setAccessToken, setRemembersToken } = useHub.getState();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  useEffect(() => {
    if (problem || needsToken) setOpen(true);
  }, [problem, needsToken]);
  return (
    <details className={setup.details} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Endpoint and access token</summary>
      <div className={classes.access}>
        <div>
          <FieldLabel label="Endpoint" explanation={explanations.hubEndpoint} htmlFor={`${id}-endpoint`} />
          <TextInput
            id={`${id}-endpoint`}
            type="url"
            autoComplete="off"
            spellCheck={false}
            value={endpoint}
            error={problem}
            onChange={(event) => setEndpoint(event.currentTarget.value)}
          />
        </div>
        <div>
          <FieldLabel label="Access token" explanation={explanations.hubToken} htmlFor={`${id}-token`} />
          <TextInput
            id={`${id}-token`}
            type="password"
            autoComplete="off"
            placeholder="not needed for open models"
            value={accessToken}
            onChange={(event) => setAccessToken(event.currentTarget.value)}
          />
        </div>
        <Checkbox
          size="xs"
          label="Remember the token in this browser"
          checked={remembersToken}
          onChange={(event) => setRemembersToken(event.currentTarget.checked)}
        />
      </div>
    </details>
  );
}
