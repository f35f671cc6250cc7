import { faultMatrix } from './matrix.ts';
import { byName, withNames } from './paths.ts';

faultMatrix([byName, withNames]);
