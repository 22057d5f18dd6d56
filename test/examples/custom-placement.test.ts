import { throttled } from '../../examples/custom-placement/throttled.js';
import { placementSuite } from '../helpers/placement-suite.js';

placementSuite(() => throttled(0.5));
