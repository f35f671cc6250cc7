import { faultMatrix } from './matrix.ts';
import { addMany, update } from './paths.ts';

faultMatrix([addMany, update]);
