/*
 * recs_blas: the part of BLAS and LAPACK that trainers call, and how they
 * call it: OpenBLAS computes in the calling thread only, parallelism is ours
 * (recs_threads.h), so that results do not depend on its scheduling.
 */

#ifndef _RECS_BLAS_H_INCLUDED_
#define _RECS_BLAS_H_INCLUDED_


#include <cblas.h>


/* LAPACK as OpenBLAS exports it: column-major, everything by address. */
void spotrf_(const char *uplo, const int *n, float *a, const int *lda,
    int *info);
void spotri_(const char *uplo, const int *n, float *a, const int *lda,
    int *info);
void spotrs_(const char *uplo, const int *n, const int *nrhs,
    const float *a, const int *lda, float *b, const int *ldb, int *info);
void ssyevd_(const char *jobz, const char *uplo, const int *n, float *a,
    const int *lda, float *w, float *work, const int *lwork, int *iwork,
    const int *liwork, int *info);
void sgelqf_(const int *m, const int *n, float *a, const int *lda, float *tau,
    float *work, const int *lwork, int *info);
void sorglq_(const int *m, const int *n, const int *k, float *a,
    const int *lda, const float *tau, float *work, const int *lwork,
    int *info);
void sgesdd_(const char *jobz, const int *m, const int *n, float *a,
    const int *lda, float *s, float *u, const int *ldu, float *vt,
    const int *ldvt, float *work, const int *lwork, int *iwork, int *info);


#endif /* _RECS_BLAS_H_INCLUDED_ */
