// Jest's transformer for large packages that the tests need but don't test. Jest would load them again for each test file, so the
// environment of the tests (test-environment.js) lets Node load them once for each worker.
export default { process: (_source, path) => ({ code: `module.exports = loadOnce(${JSON.stringify(path)});` }) };
