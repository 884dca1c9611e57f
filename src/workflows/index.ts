export { destroyRegion } from './destroyRegion.ts';
export { destroyRegionPass } from './destroyRegionPass.ts';
export { lookAtHypervisor } from './lookAtHypervisor.ts';
export { orderRegion } from './orderRegion.ts';
export { preflightRegion } from './preflightRegion.ts';
export { reconcileRegion } from './reconcileRegion.ts';
export { reconcileRegionPass } from './reconcileRegionPass.ts';
export { verifyRegion } from './verifyRegion.ts';
