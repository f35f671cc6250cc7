import { availableParallelism } from 'node:os';

// The tests run TypeScript as Node does: types are stripped, and nothing is compiled.
/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/scripts/test-environment.js',
  testSequencer: '<rootDir>/scripts/test-sequencer.js',
  globalSetup: '<rootDir>/__tests__/fresh-dist.ts',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/build/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': '<rootDir>/scripts/strip-types.js',
    '/node_modules/(fastify/fastify|undici/index)\\.js$': '<rootDir>/scripts/load-once.js',
  },
  transformIgnorePatterns: ['/node_modules/(?!fastify/fastify|undici/index)'],
  collectCoverageFrom: ['src/**/*.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text', 'json-summary'],
  coverageThreshold: { global: { lines: 95 } },
  testTimeout: 60_000,
  // Whole runs spend most of their time waiting for responses, so more workers than processors finish sooner.
  maxWorkers: Math.min(availableParallelism() * 3, 8),
};
