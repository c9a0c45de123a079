import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Found only when the worker starts, its dependencies would be bundled then, and the page reloaded.
  optimizeDeps: { entries: ["index.html", "src/studio/!(*.test).ts"] },
  worker: { format: "es" },
  build: { target: "es2023", sourcemap: true },
});
