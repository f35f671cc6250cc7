import { faultMatrix } from './matrix.ts';
import { prune, pruneExclusions } from './paths.ts';

faultMatrix([prune, pruneExclusions]);
