import { describeContract } from './replay/describeContract.ts';
import { NOT_SIMULATED } from './replay/leftOut.ts';
import { simulatedCloud } from './replay/simulatedCloud.ts';

describeContract('the simulated OpenStack', simulatedCloud, NOT_SIMULATED);
