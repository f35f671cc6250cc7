import { faultMatrix } from './matrix.ts';
import { previousName, rename } from './paths.ts';

faultMatrix([previousName, rename]);
