import { faultMatrix } from './matrix.ts';
import { unchanged, update } from './paths.ts';

faultMatrix([update, unchanged]);
