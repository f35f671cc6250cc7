import { faultMatrix } from './matrix.ts';
import { createAfterAnother, createAfterAnotherBegan, createBeforeAnother } from './paths.ts';

faultMatrix([createAfterAnother, createAfterAnotherBegan, createBeforeAnother]);
