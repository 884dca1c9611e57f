import { describeRegionLife } from '../scenario/regionLife.ts';
import { SimCloud } from './simCloud.ts';

describeRegionLife(() => SimCloud.open());
