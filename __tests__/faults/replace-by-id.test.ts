import { faultMatrix } from './matrix.ts';
import { replaceById, replacePrevious } from './paths.ts';

faultMatrix([replaceById, replacePrevious]);
