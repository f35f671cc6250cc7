import { faultMatrix } from './matrix.ts';
import { createBesideAnother } from './paths.ts';

faultMatrix([createBesideAnother]);
