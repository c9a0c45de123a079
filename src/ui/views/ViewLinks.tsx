// The ways between the views: plain links, which work with a bookmark, the back button and a new tab.

import classes from "./ViewLinks.module.css";
import { useView, views } from "./view";

export function ViewLinks() {
  const current = useView();
  return (
    <nav aria-label="Views" className={classes.links}>
      {views.map(({ id, name }) => (
        <a
          key={id}
          href={`#${id}`}
          className={classes.link}
          aria-current={id === current ? "page" : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}
