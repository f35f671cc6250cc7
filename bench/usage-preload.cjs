// Preloaded into a Node process that is measured: writes what it has used when it exits.
const { readFileSync, writeFileSync } = require('node:fs');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    String(process.env.USAGE_FILE),
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakKib: peakKib() ?? maxRSS }),
  );
});

/** On Linux maxRSS counts in what the parent had before this program took its place; VmHWM does not. */
function peakKib() {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib);
  } catch {
    return undefined;
  }
}
