import { describeRegionLife } from '../scenario/regionLife.ts';
import { openLab } from './support/lab.ts';

describeRegionLife(openLab);
