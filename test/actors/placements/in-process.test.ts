import { inProcess } from '../../../actors/placements/in-process.js';
import { placementSuite } from '../../helpers/placement-suite.js';

placementSuite(() => inProcess());
