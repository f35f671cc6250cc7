import { faultMatrix } from './matrix.ts';
import { absent, complete, remove } from './paths.ts';

faultMatrix([absent, complete, remove]);
