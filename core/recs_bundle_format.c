#include "recs_bundle_format.h"

#include <math.h>


#define RECS_NORM_LANES  8


static const struct {
    const char   *name;
    recs_type_t   type;
    int           sharded;
} recs_tables[] = {
#define RECS_TABLE_ROW(symbol, name, type, sharded)                           \
    { name, RECS_TYPE_##type, sharded },
    RECS_TABLE_MAP(RECS_TABLE_ROW)
#undef RECS_TABLE_ROW
};


const char *
recs_table_name(recs_table_id_t id)
{
    return recs_tables[id].name;
}


recs_type_t
recs_table_type(recs_table_id_t id)
{
    return recs_tables[id].type;
}


int
recs_table_sharded(recs_table_id_t id)
{
    return recs_tables[id].sharded;
}


uint32_t
recs_type_size(recs_type_t type)
{
    switch (type) {

    case RECS_TYPE_I16:
        return sizeof(int16_t);

    case RECS_TYPE_F32:
    case RECS_TYPE_U32:
        return sizeof(uint32_t);

    case RECS_TYPE_SPAN:
        return sizeof(recs_span_t);

    case RECS_TYPE_GOLDEN:
        return sizeof(recs_golden_row_t);

    case RECS_TYPE_CODE_BLOCK:
        return sizeof(recs_code_block_t);

    default:
        return 1;
    }
}


double
recs_row_norm(const float *row, uint32_t n_factors)
{
    double    sum, lanes[RECS_NORM_LANES];
    uint32_t  f, j;

    for (j = 0; j < RECS_NORM_LANES; j++) {
        lanes[j] = 0.0;
    }

    for (f = 0; f + RECS_NORM_LANES <= n_factors; f += RECS_NORM_LANES) {
        for (j = 0; j < RECS_NORM_LANES; j++) {
            lanes[j] += (double) row[f + j] * row[f + j];
        }
    }

    for (j = 0; f < n_factors; f++, j++) {
        lanes[j] += (double) row[f] * row[f];
    }

    sum = 0.0;

    for (j = 0; j < RECS_NORM_LANES; j++) {
        sum += lanes[j];
    }

    return sqrt(sum);
}
