// DAQP behind three functions: solve once from nothing; set up a workspace; solve again in it from the last working set.
#include "api.h"
#include <string.h>

static DAQPProblem problem(int n, int m, double *h, double *f, double *a, double *up, double *low, int *sense) {
    DAQPProblem p;
    memset(&p, 0, sizeof p);
    p.n = n; p.m = m; p.ms = 0;
    p.H = h; p.f = f; p.A = a; p.bupper = up; p.blower = low; p.sense = sense;
    return p;
}

int peer_cold(int n, int m, double *h, double *f, double *a, double *up, double *low, int *sense, double *x, double *lam, int *iterations) {
    DAQPProblem p = problem(n, m, h, f, a, up, low, sense);
    DAQPResult r;
    memset(&r, 0, sizeof r);
    r.x = x; r.lam = lam;
    daqp_quadprog(&r, &p, NULL);
    *iterations = r.iter;
    return r.exitflag;
}

static DAQPWorkspace work;
static DAQPProblem kept;

int peer_setup(int n, int m, double *h, double *f, double *a, double *up, double *low, int *sense) {
    kept = problem(n, m, h, f, a, up, low, sense);
    memset(&work, 0, sizeof work);
    return setup_daqp(&kept, &work, NULL);
}

// Every matrix and vector is read again; the working set is the last one.
int peer_warm(double *f, double *x, double *lam, int *iterations) {
    DAQPResult r;
    memset(&r, 0, sizeof r);
    r.x = x; r.lam = lam;
    kept.f = f;
    int flag = daqp_update_ldp(DAQP_UPDATE_Rinv | DAQP_UPDATE_M | DAQP_UPDATE_v | DAQP_UPDATE_d, &work, &kept);
    if (flag < 0) return flag;
    daqp_solve(&r, &work);
    *iterations = r.iter;
    return r.exitflag;
}

void peer_free(void) {
    free_daqp_workspace(&work);
    free_daqp_ldp(&work);
}
