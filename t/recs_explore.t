# explore: an item that nobody has met is shown in a share of the answers.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

# Six items that were met, two that were not.
$t->write('events.csv', "user,item\n" . join '', map {
    my $user = $_;
    map { "u$user,i$_\n" } grep { $_ % 2 == $user % 2 || $_ < 2 } 0 .. 5;
} 1 .. 20);
$t->write('items.csv', "id,title\n"
                       . join '', map { "i$_,Item $_\n" } 0 .. 7);
$t->recs('import', '--format', 'csv', '--items', $t->path('items.csv'), '-o',
         $t->path('shop.data'), $t->path('events.csv'));
$t->recs('train', '--model', 'popularity', '--data', $t->path('shop.data'),
         '-o', $t->path('shop.mdb'));
$t->publish($t->path('shop.mdb'), 'shop');

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot often { model shop; strategy popular; count 4; explore 50%; }
    recs_slot never { model shop; strategy popular; count 4; }
    recs_slot alone { model shop; strategy popular; count 1; explore 50%; }

    server {
        listen 127.0.0.1:%%PORT%%;
        location /recs/ { recs_api; }
    }
}
END

$t->start;


# Of so many answers: how often an item was tried out, and which, by place.
sub explored {
    my ($slot, $n) = @_;

    my (%item, %place);

    for (1 .. $n) {
        my $items = $t->json("/recs/$slot")->{json}{items};

        for my $i (0 .. $#$items) {
            next if $items->[$i]{source} ne 'explore';
            $item{$items->[$i]{id}}++;
            $place{$i}++;
        }
    }

    return (\%item, \%place);
}

my ($item, $place) = explored('often', 400);

# Each of 400 by 1/2 * 1/2: 100, give or take 5 deviations of 8.7.
cmp_ok($item->{$_} // 0, '>', 56, "$_ is tried out") for qw(i6 i7);
cmp_ok($item->{$_} // 0, '<', 144, "$_ no more than its share") for qw(i6 i7);
is_deeply([sort keys %$item], ['i6', 'i7'], 'only what nobody has met');
is_deeply([sort keys %$place], [1, 2, 3], 'at all places but the first');

($item) = explored('never', 50);
is_deeply($item, {}, 'not without explore');

($item) = explored('alone', 50);
is_deeply($item, {}, 'nor where there is one place');

my $answer = $t->json('/recs/often')->{json};
is($answer->{source}, 'popular', 'the answer is of its rung');
is(scalar @{ $answer->{items} }, 4, 'and as long as asked for');

$t->done;
