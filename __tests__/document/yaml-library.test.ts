// The YAML reader replaces a private function of the library. If an update renames it, the reader must fail.

import { expect, jest, test } from '@jest/globals';
import * as yaml from 'yaml';

class Renamed extends yaml.Composer {
  constructor() {
    super();
    Reflect.deleteProperty(this, 'onError');
  }
}
jest.unstable_mockModule('yaml', () => ({ ...yaml, Composer: Renamed }));
const { readYaml } = await import('../../src/document/yaml.ts');

test('a text without errors is not read either if the library reports errors in an unknown way', () => {
  expect(() => readYaml('a: 1', () => true)).toThrow('Composer without onError');
});
