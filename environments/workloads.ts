import type { Workload } from '../constructs/core/workload';

/** The guide's application: a service on ECS, a web app on App Service, and pods in Kubernetes. */
export const myapp: Workload = {
  name: 'myapp',
  runsOn: {
    ecs: true,
    appService: true,
    kubernetes: { namespace: 'myapp', serviceAccount: 'myapp-sa' },
  },
};
