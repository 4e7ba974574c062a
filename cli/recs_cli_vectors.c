#include "recs_cli_vectors.h"

#include <stdlib.h>
#include <string.h>


int
recs_cli_vectors_check(const recs_args_t *args, const recs_trainer_t *trainer)
{
    if (recs_args_has(args, "vectors") != recs_args_has(args, "vector-ids")) {
        return recs_usage_error(args, "--vectors and --vector-ids belong "
                                "together");
    }

    if (recs_args_has(args, "vectors")
        && strcmp(trainer->name, "content") != 0)
    {
        return recs_usage_error(args, "--vectors are for --model content, "
                                "not for %s", trainer->name);
    }

    return RECS_EXIT_OK;
}


recs_status_t
recs_cli_vectors_read(recs_cli_vectors_t *v, const recs_args_t *args,
    const recs_item_vectors_t **given, recs_error_t *err)
{
    const char     *vectors, *ids;
    recs_status_t   status;

    *given = NULL;
    vectors = recs_args_get(args, "vectors");
    ids = recs_args_get(args, "vector-ids");

    if (vectors == NULL) {
        return RECS_OK;
    }

    status = recs_npy_read(&v->npy, vectors, err);

    if (status == RECS_OK) {
        status = recs_id_lines_read(&v->ids, ids, err);
    }

    if (status != RECS_OK) {
        return status;
    }

    if (v->ids.n != v->npy.n_rows) {
        return recs_error(err, RECS_INVALID, "\"%s\" has %u ids, \"%s\" %u "
                          "vectors: they belong to one another in their "
                          "order", ids, v->ids.n, vectors, v->npy.n_rows);
    }

    if (v->npy.n_cols == 0 || v->npy.n_cols > 65536) {
        return recs_error(err, RECS_INVALID, "\"%s\": vectors of %u "
                          "dimensions; 1 to 65536 are possible", vectors,
                          v->npy.n_cols);
    }

    v->vectors.n = v->npy.n_rows;
    v->vectors.n_factors = v->npy.n_cols;
    v->vectors.values = v->npy.values;
    v->vectors.ids = v->ids.ids;
    *given = &v->vectors;

    return RECS_OK;
}


void
recs_cli_vectors_free(recs_cli_vectors_t *v)
{
    free(v->npy.values);
    recs_id_lines_free(&v->ids);
}
