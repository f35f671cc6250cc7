import { faultMatrix } from './matrix.ts';
import { remove, replace } from './paths.ts';

faultMatrix([replace, remove]);
