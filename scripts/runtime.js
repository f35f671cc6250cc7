// Loaded before every script of this project (`node --import`). The scripts are TypeScript, which Node 24 runs directly. An older
// Node would stop at the first import with ERR_UNKNOWN_FILE_EXTENSION, which doesn't tell you what to do.
const needed = 24;

if (Number.parseInt(process.version.slice(1), 10) < needed) {
  console.error(
    `This needs Node ${needed}, and this is Node ${process.version.slice(1)}. npm ci installs Node ${needed} into ` +
      'node_modules for Linux (x64, arm64), macOS (x64, arm64) and Windows (x64), unless optional dependencies are ' +
      `omitted. Elsewhere, install Node ${needed} first.`,
  );
  process.exit(1);
}
