# A single process (master_process off) does what a worker does.  HUP is not
# for it: nginx itself answers nothing after one.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $bundle = $t->bundle('a', items => 30);
my $first = $t->publish($bundle, 'shop');
my ($best, $second) = $t->offline($bundle, 'nobody', 2);

$t->write('switch', '');
$t->write('block', "$best\n");


# No workers: start() would wait for them.
$t->conf(<<'END', workers => 1, globals => 'master_process off;');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_model twin %%DIR%%/shop;
    recs_slot best { model shop; strategy popular; count 5; }
    recs_slot same { model twin; strategy popular; count 5; }
    recs_switch %%DIR%%/switch;
    recs_block %%DIR%%/block;
    recs_event_log %%DIR%%/events flush=1h;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recs/ { recs_api; }
        location /status { recs_status; }

        location /item {
            recs_track view $arg_item;
            try_files /nginx.conf =404;
            root %%DIR%%;
        }
    }
}
END

$t->{n_workers} = 0;
$t->start;


sub shown {
    my ($slot) = @_;

    return join ' ', map { $_->{id} }
                     @{ $t->json("/recs/$slot")->{json}{items} };
}


my $status = $t->json('/status')->{json};

is($status->{models}[0]{generation}, $first, 'it has the generation');
is_deeply([map { $_->{pid} } @{ $status->{workers} }], [$t->master],
          'and reports itself');
is($status->{workers}[0]{models}{shop}, $first, 'as attached');
like(shown('best'), qr/^$second /, 'what is blocked is not shown');
is(shown('same'), shown('best'), 'by either model of the file');

$t->write('switch', "all\n");
$t->wait_for('the switch', sub { shown('best') eq '' });
$t->write('switch', '');
$t->wait_for('the switch', sub { shown('best') ne '' });

$t->get('/item?item=i7');
is($t->read('events.0'), '', 'an event is buffered');
$t->stop;
like($t->read('events.0'), qr/"item":"i7"\}\n\z/, 'and written at its end');

$t->done;
