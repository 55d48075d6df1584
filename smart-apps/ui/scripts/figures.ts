/** What a visitor of a page waits for, as the browser itself measures it. https://web.dev/articles/vitals */
import type { CDPSession, Page } from 'playwright-core';

export interface Figures {
  /** Milliseconds from the first request to the page that can be used, with all that lies between. */
  readonly usableMs: number;
  /** First and largest contentful paint: milliseconds from the start of the last document. */
  readonly firstPaintMs: number;
  readonly largestPaintMs: number;
  /** The parts of tasks over 50 ms, in which nothing that is pressed is answered. */
  readonly blockedMs: number;
  /** Cumulative layout shift. */
  readonly shift: number;
  /** Scripts as they were sent. */
  readonly scriptBytes: number;
}

/** Slower than any phone of a clinic: what Lighthouse takes for a mobile visit. */
export const PHONE = {
  cpu: 4,
  latencyMs: 150,
  downloadBytesPerSecond: 204_800,
  uploadBytesPerSecond: 96_000,
};

type Measured = Pick<Figures, 'firstPaintMs' | 'largestPaintMs' | 'blockedMs' | 'shift'>;

/** Runs in the page, before its own scripts. */
function observe(): void {
  const measured = { firstPaintMs: 0, largestPaintMs: 0, blockedMs: 0, shift: 0 };
  Object.assign(window, { measured });
  const on = (type: string, take: (entry: PerformanceEntry) => void): void =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  on('paint', ({ name, startTime }) => {
    if (name === 'first-contentful-paint') measured.firstPaintMs = startTime;
  });
  on('largest-contentful-paint', ({ startTime }) => (measured.largestPaintMs = startTime));
  on('longtask', ({ duration }) => (measured.blockedMs += duration - 50));
  on('layout-shift', (entry) => {
    const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (!hadRecentInput) measured.shift += value;
  });
}

async function slowDown(chromium: CDPSession, phone: typeof PHONE): Promise<void> {
  await chromium.send('Network.enable');
  // The first visit, on a device that has nothing of the app.
  await chromium.send('Network.clearBrowserCache');
  await chromium.send('Network.setBypassServiceWorker', { bypass: true });
  await chromium.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: phone.latencyMs,
    downloadThroughput: phone.downloadBytesPerSecond,
    uploadThroughput: phone.uploadBytesPerSecond,
  });
  await chromium.send('Emulation.setCPUThrottlingRate', { rate: phone.cpu });
}

/** @param open goes to the address, and completes when the page can be used */
export async function measure(page: Page, open: () => Promise<unknown>, phone = PHONE): Promise<Figures> {
  const chromium = await page.context().newCDPSession(page);
  await slowDown(chromium, phone);
  await page.addInitScript(observe);
  const scripts = new Set<string>();
  let scriptBytes = 0;
  chromium.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId);
  });
  chromium.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) scriptBytes += encodedDataLength;
  });
  const started = performance.now();
  await open();
  const usableMs = performance.now() - started;
  // What is painted last may be told a moment later.
  await page.waitForTimeout(500);
  const measured = await page.evaluate(() => (window as unknown as { measured: Measured }).measured);
  await chromium.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await chromium.detach();
  return { ...measured, usableMs, scriptBytes };
}
