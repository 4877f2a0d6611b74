import { useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { counted } from '../../format/numbers.ts';
import { moment } from '../../format/time.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Scrolled } from '../../parts/Scrolled.tsx';
import { useAnswer } from '../../state/useAnswer.ts';

interface Props {
  project: string;
  id: string;
}

/** What a plan adds to an earlier one, and what it leaves out. */
export function PlanDifference({ project, id }: Props) {
  const plans = useAnswer('listPlans', { path: { project_id: project }, query: { limit: 50 } });
  const [other, setOther] = useState('');
  const earlier = plans.data?.plans.filter((plan) => plan.id !== id && plan.state === 'done') ?? [];
  const asked = { path: { project_id: project, plan_id: other, other_id: id } };
  const { data, error, reload } = useAnswer('comparePlans', other === '' ? undefined : asked);
  if (earlier.length === 0) return null;
  return (
    <div class="stack tight">
      <label class="field" style={{ maxWidth: '420px' }}>
        <span class="label">Difference to an earlier plan</span>
        <select value={other} onChange={({ currentTarget }) => setOther(currentTarget.value)}>
          <option value="">choose one</option>
          {earlier.map((plan) => (
            <option key={plan.id} value={plan.id}>
              {moment(plan.created_at)} · {plan.user.username} · {plan.id.slice(0, 8)}
            </option>
          ))}
        </select>
      </label>
      {error && <Failure of={error} retry={reload} />}
      {data && (
        <div class="columns">
          <Side title="Added" side={data.added} mark="+" />
          <Side title="Left out" side={data.removed} mark="−" />
        </div>
      )}
    </div>
  );
}

function Side({ title, side, mark }: { title: string; side: Schema<'PlanDiff'>['added']; mark: string }) {
  return (
    <div>
      <h3>
        {title}: {counted(side.addresses, 'address', 'addresses')}
      </h3>
      <Scrolled class="mono small pre ranges" label={title}>
        {side.ranges.map((range) => `${mark} ${range}`).join('\n') || 'nothing'}
      </Scrolled>
    </div>
  );
}
