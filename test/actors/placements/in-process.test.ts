import { inProcess } from '../../../actors/placements/in-process.js';
import { placementSuite, rankingSuite } from '../../helpers/suites/placement-suite.js';

placementSuite(() => inProcess());
rankingSuite(() => inProcess());
