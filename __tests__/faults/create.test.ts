import { faultMatrix } from './matrix.ts';
import { create, createAndWait, createWithExclusions } from './paths.ts';

faultMatrix([create, createAndWait, createWithExclusions]);
