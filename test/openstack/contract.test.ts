import { describeContract } from '../contract/openstack/replay/describeContract.ts';
import { openLab } from './support/lab.ts';
import { realCloud } from './support/realCloud.ts';

describeContract('the real OpenStack', async () => realCloud(await openLab()));
