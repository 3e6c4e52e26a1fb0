// npm run bench:browser: `npm run bench -- epoch` in a worker of a cross-origin isolated page of Debian's Chromium.
import { createRequire } from "node:module";
import { join } from "node:path";
import { serve } from "../../examples/browser/serve.mjs";

// What drives the browser in the tests drives it here: `npm run test:runtimes` installs it.
const ofTests = createRequire(new URL("../../test/runtimes/package.json", import.meta.url));
const { chromium } = ofTests("playwright-core");

const server = await serve(join(import.meta.dirname, "../.."), 0);
const browser = await chromium.launch({
  executablePath: process.env.TWOTOWER_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run"],
});
try {
  const page = await browser.newPage();
  await page.goto(`${server.url}/bench/browser/page.html`);
  const figures = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker("worker.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(message);
      }),
  );
  for (const { name, value, unit, limit, ratio } of figures) {
    const [speed, most] = [value, limit].map((number) => Math.round(number).toLocaleString("en"));
    console.log(`browser/${name}  ${speed} ${unit}, ${Math.round(100 * ratio)} % of ${most}`);
  }
} finally {
  await browser.close();
  server.close();
}
