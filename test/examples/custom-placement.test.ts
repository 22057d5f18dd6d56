import { throttled } from '../../examples/custom-placement/throttled.js';
import { placementSuite, rankingSuite } from '../helpers/placement-suite.js';

placementSuite(() => throttled(0.5));
rankingSuite(() => throttled(0.5));
