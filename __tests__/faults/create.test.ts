import { faultMatrix } from './matrix.ts';
import { create, createAndWait } from './paths.ts';

faultMatrix([create, createAndWait]);
