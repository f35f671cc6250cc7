import { faultMatrix } from './matrix.ts';
import { prune, rename } from './paths.ts';

faultMatrix([prune, rename]);
