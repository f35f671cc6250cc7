// `npm run test:unit`: the tests for the inner loop.
import { unitTests } from './__tests__/select-tests.ts';
import jest from './jest.config.js';

/** @type {import('jest').Config} */
export default { ...jest, globalSetup: undefined, testMatch: unitTests().map((name) => `<rootDir>/__tests__/${name}`) };
