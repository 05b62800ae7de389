/** A worker of a study whose bases learn for a second: every stage is the same as in the full study. */
import { serve } from '../study/worker.ts';
import { smaller } from './small-run.ts';

serve(smaller.task);
