import { faultMatrix } from './matrix.ts';
import { narrow, replace } from './paths.ts';

faultMatrix([narrow, replace]);
