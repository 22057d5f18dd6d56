import { throttled } from '../../examples/custom-placement/throttled.js';
import { placementSuite, rankingSuite } from '../helpers/suites/placement-suite.js';

placementSuite(() => throttled(0.5));
rankingSuite(() => throttled(0.5));
