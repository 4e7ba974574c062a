/*
 * recs_cli_vectors: --vectors V.npy and --vector-ids FILE, vectors of items
 * for a trainer.
 */

#ifndef _RECS_CLI_VECTORS_H_INCLUDED_
#define _RECS_CLI_VECTORS_H_INCLUDED_


#include "recs_cli.h"
#include "recs_id_lines.h"
#include "recs_npy.h"
#include "recs_trainer.h"


#define RECS_CLI_VECTORS_OPTIONS                                              \
    { "vectors", "V.npy", "vectors of items made elsewhere, for content: a\n" \
      "row an item, little-endian float32 or float16, C order" },             \
    { "vector-ids", "FILE", "their ids, one a line, in the order of the rows" }


/* Zeroed before its first use; freed by recs_cli_vectors_free(). */
typedef struct {
    recs_npy_t           npy;
    recs_id_lines_t      ids;
    recs_item_vectors_t  vectors;
} recs_cli_vectors_t;


/*
 * RECS_EXIT_OK or, having printed why, RECS_EXIT_USAGE: one without the other,
 * or for a trainer that takes none.
 */
int recs_cli_vectors_check(const recs_args_t *args,
    const recs_trainer_t *trainer);

/* Reads them; *given is NULL where there are none. */
recs_status_t recs_cli_vectors_read(recs_cli_vectors_t *v,
    const recs_args_t *args, const recs_item_vectors_t **given,
    recs_error_t *err);
void recs_cli_vectors_free(recs_cli_vectors_t *v);


#endif /* _RECS_CLI_VECTORS_H_INCLUDED_ */
