// Preloaded into a measured Node process. When the process exits, writes what it used.
const { readFileSync, writeFileSync } = require('node:fs');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    String(process.env.USAGE_FILE),
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakKib: peakKib() ?? maxRSS }),
  );
});

/** On Linux, maxRSS includes the memory of the parent from before this program replaced it. VmHWM doesn't. */
function peakKib() {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib);
  } catch {
    return undefined;
  }
}
