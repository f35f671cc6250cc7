// Jest's environment for a test file, without two things that cost a fifth of the tests' processor time. Jest puts a proxy in
// front of the global object, so that code under test that says `Object` or `JSON` calls a function. And it records a hundred
// lines of stack for each error, although every response makes one: node-fetch aborts a signal when a response is complete.
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { ModuleMocker } from 'jest-mock';
import { installCommonGlobals } from 'jest-util';

const nodeGlobals = Object.entries(Object.getOwnPropertyDescriptors(globalThis));
/** Loads the packages that load-once.js names, in Node's own realm. */
const loadOnce = createRequire(import.meta.url);
const STACK_LINES = 10;

export default class TestEnvironment {
  // Jest expects these two. No test uses its fake timers.
  fakeTimers = null;
  fakeTimersModern = null;

  constructor({ projectConfig }) {
    this.context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
    this.global = vm.runInContext('globalThis', this.context);
    const { global } = this;
    for (const [name, descriptor] of nodeGlobals)
      if (!Object.hasOwn(global, name)) Object.defineProperty(global, name, own(global, name, descriptor));
    // Node makes these in its own realm, so tests compare them with instances of Node's classes.
    Object.assign(global, { global, Buffer, ArrayBuffer, Uint8Array });
    Object.defineProperty(global, 'loadOnce', { value: loadOnce });
    installCommonGlobals(global, projectConfig.globals);
    this.moduleMocker = new ModuleMocker(global);
  }

  async setup() {
    // Jest sets its own number for Node's realm just before this.
    for (const realm of [globalThis, this.global]) realm.Error.stackTraceLimit = STACK_LINES;
  }

  async teardown() {
    this.context = null;
  }

  exportConditions = () => ['node', 'node-addons'];
  getVmContext = () => this.context;
}

/** Makes an accessor of Node's realm, such as `crypto`, work in another realm, and loads its value only when it is used. */
function own(global, name, { get, ...descriptor }) {
  if (!get) return descriptor;
  const { enumerable } = descriptor;
  const set = (value) => Object.defineProperty(global, name, { configurable: true, enumerable, writable: true, value });
  return { configurable: true, enumerable, get: () => globalThis[name], set };
}
