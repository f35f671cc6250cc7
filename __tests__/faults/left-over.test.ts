import { faultMatrix } from './matrix.ts';
import { adopt, unchanged } from './paths.ts';

faultMatrix([adopt, unchanged]);
