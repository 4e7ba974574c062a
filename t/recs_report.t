# A simulated shop, whose truth is known, logged by nginx under load: what
# recs report says of its experiments.  RECS_LONG=1: with a lift of 5 %, which
# takes so many visitors that it is not done each time.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $LONG = $ENV{RECS_LONG};
my $N_CLIENTS = 4;
my $N_VISITORS = $LONG ? 60_000 : 800;
my $RATE = $LONG ? .5 : .3;            # of the control's visitors who click
my $LIFT = $LONG ? .05 : 1;            # of ranking; layout changes nothing

my $t = RecsNginx->new;
mkdir $t->path('logs');

sub configure {
    my ($control, $deep) = @_;

    $t->conf(<<"END", workers => 2);
http {
    %%HTTP%%
    keepalive_requests 1000000;

    recs_experiment ranking { variant control $control;
                              variant deep $deep; expose; }
    recs_experiment layout { variant new 20; variant old 80; expose; }

    recs_user \$arg_user;
    recs_context country \$arg_country;
    recs_event_log %%DIR%%/logs/events flush=10ms;

    server {
        listen 127.0.0.1:%%PORT%%;
        location /shop {
            return 200 "\$recs_variant_ranking \$recs_variant_layout;";
        }
        location /click { recs_track click \$arg_item; return 204; }
        location /status { recs_status; }
    }
}
END
}


# Pipelines n requests over one connection; the answers, whole.
sub fetch {
    my ($socket, $n, $text) = @_;

    my $answer = '';
    my $heads = 0;
    $socket->syswrite($text);

    while ($heads < $n || $answer !~ /(?:;|\r\n\r\n)\z/) {
        $socket->sysread($answer, 65536, length $answer)
            or die "nginx hung up\n";
        $heads = () = $answer =~ m{HTTP/1\.1 }g;
    }

    return $answer;
}


# Visitors first .. last - 1, from several clients at once: how many of each
# ranking were there, and how many of them clicked.
sub visit {
    my ($first, $last) = @_;
    my @children;

    for my $client (0 .. $N_CLIENTS - 1) {
        pipe(my $from, my $to) or die "pipe: $!";
        my $pid = fork // die "fork: $!";

        if ($pid == 0) {
            srand 1000 * $first + $client;
            my $socket = $t->socket;
            my %count;
            my @users = grep { $_ % $N_CLIENTS == $client }
                        $first .. $last - 1;

            while (my @batch = splice @users, 0, 50) {
                my $answer = fetch($socket, scalar @batch, join '', map {
                    "GET /shop?user=v$_&country=" . ($_ % 3 ? 'de' : 'fr')
                    . " HTTP/1.1\r\nHost: a\r\n\r\n"
                } @batch);

                my @variants = $answer =~ /(\w+) \w+;/g;
                @variants == @batch or die "what nginx says: $answer\n";
                my @clicks;

                for my $i (0 .. $#batch) {
                    my $rate = $RATE * ($variants[$i] eq 'deep' ? 1 + $LIFT
                                                                : 1);
                    $count{"$variants[$i] visitors"}++;
                    next unless rand() < $rate;
                    $count{"$variants[$i] clicks"}++;
                    push @clicks, $batch[$i];
                }

                fetch($socket, scalar @clicks, join '', map {
                    "GET /click?user=v$_&item=7 HTTP/1.1\r\nHost: a\r\n\r\n"
                } @clicks) if @clicks;
            }

            syswrite $to, join ',', %count;
            POSIX::_exit(0);
        }

        close $to;
        push @children, [$pid, $from];
    }

    my %sum;

    for my $child (@children) {
        my ($pid, $from) = @$child;
        my %count = split /,/, do { local $/; <$from> } // '';
        waitpid $pid, 0;
        $? == 0 or die "a client failed\n";
        $sum{$_} += $count{$_} for keys %count;
    }

    return \%sum;
}


# (exit status, report) of logs.
sub report {
    my ($logs, @options) = @_;

    my ($status, $output) = $t->run($t->{recs}, 'report', '--json', '--quiet',
                                    '--min-days', 0, @options, @$logs);
    my $report = eval { decode_json($output) };
    diag($output) unless $report;

    return ($status, $report, { map { $_->{name} => $_ }
                                @{ $report->{experiments} } });
}


# --- a true lift, and none ---------------------------------------------------

configure(50, 50);
$t->start;

my $truth = visit(0, $N_VISITORS);
$t->stop;

my @logs = map { $t->path("logs/events.$_") } 0, 1;
my ($status, $report, $x) = report(\@logs);

is($status, 0, "$N_VISITORS visitors");
is_deeply([map { $_->{name} } @{ $report->{experiments} }],
          [qw(layout ranking)], 'both experiments are in the logs');
is($report->{counts}{lines}, $report->{counts}{events}, 'every line counts');

my ($result) = @{ $x->{ranking}{results} };
note(sprintf 'ranking: lift %+.1f %% (%+.1f to %+.1f), p %.2g',
     map({ 100 * $_ } $result->{lift}, @{ $result->{lift_interval} }),
     $result->{p});
is($result->{verdict}, 'better', 'ranking: what is better is said to be');
cmp_ok($result->{lift_interval}[0], '<', $LIFT, 'the truth is above the '
       . 'lower end');
cmp_ok($result->{lift_interval}[1], '>', $LIFT, 'and below the upper');

is_deeply([map { $_->{units} } @{ $x->{ranking}{variants} }],
          [@$truth{'control visitors', 'deep visitors'}],
          'who was in which variant is as the clients saw it');
is_deeply($result->{conversions}, [@$truth{'control clicks', 'deep clicks'}],
          'and so is who clicked, whichever worker logged it');

my ($none) = @{ $x->{layout}{results} };
note(sprintf 'layout: lift %+.1f %% (%+.1f to %+.1f), p %.2g',
     map({ 100 * $_ } $none->{lift}, @{ $none->{lift_interval} }),
     $none->{p});
is($none->{verdict}, 'no difference seen yet', 'layout: and nothing else');
is_deeply($x->{layout}{periods}[0]{weights}, { new => .2, old => .8 },
          'its weights are those of the configuration');

cmp_ok($x->{$_}{srm_p}, '>', .001, "$_: the sample ratio is right")
    for qw(ranking layout);

my ($text_status, $text) = $t->run($t->{recs}, 'report', '--quiet',
                                   '--min-days', 0, @logs);
like($text, qr/click_rate: deep is better than control, by \+/,
     'the verdict in words');
($text_status, $text) = $t->run($t->{recs}, 'report', '--quiet', @logs);
like($text, qr/no verdict on deep: .*days/,
     'but not before there are days enough');

if ($LONG) {
    $t->done;
    exit 0;
}


# --- other ways to the same --------------------------------------------------

my $packed = $t->path('packed.gz');
system("gzip -c $logs[1] > $packed") == 0 or die;
my (undef, $same) = report([$packed, $logs[0], $logs[0]], '--threads', 1);
is_deeply([@{ $same->{experiments}[1]{results}[0] }{qw(lift p)}],
          [@$result{qw(lift p)}],
          'packed, turned round, one log twice: the same');
is($same->{counts}{duplicates}, scalar(() = $t->read('logs/events.0') =~ /\n/g),
   'what was there twice is counted');

(undef, undef, my $by) = report(\@logs, '--segment', 'context.country',
                                '--experiment', 'ranking');
is_deeply([map { $_->{value} } @{ $by->{ranking}{segments} }], [qw(de fr)],
          'by country');
is(eval { my $n = 0; $n += $_ for map { values %{ $_->{units} } }
          @{ $by->{ranking}{segments} }; $n }, $N_VISITORS,
   'which everybody has one of');


# --- what cannot be believed ---------------------------------------------------

# A third of the exposures of deep is lost on the way.
my $n = 0;
$t->write('lossy', join '', grep {
    !/"variant":"deep"/ || $n++ % 3
} map { "$_\n" } map { split /\n/, $t->read("logs/events.$_") } 0, 1);

($status, $report, $x) = report([$t->path('lossy')]);
is($status, 3, 'visitors were lost: exit 3');
ok($x->{ranking}{srm_broken}, 'the sample ratio is broken');
is($x->{ranking}{results}[0]{verdict}, 'withheld', 'no verdict');
is($x->{layout}{results}[0]{verdict}, 'no difference seen yet',
   'the other experiment is none the worse');


# --- weights that are changed midway -------------------------------------------

configure(80, 20);
$t->start;
my $later = visit($N_VISITORS, 2 * $N_VISITORS);
$t->stop;

($status, $report, $x) = report(\@logs);
my $periods = $x->{ranking}{periods};

is($status, 0, 'the weights are changed');
is(scalar @$periods, 2, 'there are two periods');
is_deeply([map { $_->{weights}{deep} } @$periods], [.5, .2], 'of these');
is_deeply([map { $_->{units}{deep} } @$periods],
          [map { $_->{'deep visitors'} } $truth, $later],
          'each with its visitors');
is(scalar(grep { $_->{srm_p} > .001 } @$periods), 2,
   'whose ratio is right in each');
is($x->{ranking}{results}[0]{verdict}, 'better', 'and the verdict is too');
is(scalar @{ $x->{layout}{periods} }, 1, 'layout has one');

$t->done;
